/** Where things are, inside and outside of the cluster's machines. */
export interface Places {
  /** The cluster's folder, which all machines see. */
  readonly folder: string;
  /** The first three numbers of the address that the laptop and the login node share. */
  readonly outside: string;
  /** The same of the network behind the login node. */
  readonly inside: string;
  readonly nodes: readonly string[];
}

export interface ClusterOptions {
  /** Process tracking by cgroups, and nobody logs in to a node without a job there. Default false. */
  readonly cgroups?: boolean | undefined;
  /** Jobs are held to the memory that they have asked for; needs `cgroups`. Default false. */
  readonly memory?: boolean | undefined;
  /** Whether people may log in to nodes at all. Default true. */
  readonly sshToNodes?: boolean | undefined;
  /** Lines of the login node's sshd_config. */
  readonly loginConfig?: readonly string[] | undefined;
}

export const users = ["alice", "bob"] as const;
const firstUid = 61_001;

export function slurmConf(places: Places, { cgroups = false, memory = false }: ClusterOptions): string {
  const { folder, inside, nodes } = places;
  return `ClusterName=rig
SlurmctldHost=login(${inside}.1)
SlurmUser=slurm
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket
CredType=cred/munge
MpiDefault=none
StateSaveLocation=${folder}/state
SlurmctldPidFile=${folder}/run/slurmctld.pid
SlurmctldLogFile=${folder}/log/slurmctld
SlurmdPidFile=${folder}/run/slurmd-%h.pid
SlurmdSpoolDir=${folder}/spool/%h
SlurmdLogFile=${folder}/log/slurmd-%h
SlurmdParameters=config_overrides
ProctrackType=proctrack/${cgroups ? "cgroup" : "linuxproc"}
${cgroups ? "PrologFlags=Contain\n" : ""}TaskPlugin=task/${memory ? "cgroup" : "none"}
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=10
KillWait=3
MinJobAge=60
BatchStartTimeout=10
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
SchedulerParameters=sched_interval=1,bf_interval=2,sched_min_interval=100000,batch_sched_delay=0
${nodes.map((name, index) => `NodeName=${name} NodeAddr=${inside}.${11 + index} CPUs=4 RealMemory=8000 Gres=gpu:2 State=UNKNOWN`).join("\n")}
PartitionName=debug Nodes=ALL Default=YES MaxTime=600 DefaultTime=10 PriorityTier=5 OverTimeLimit=0 State=UP
PartitionName=low Nodes=ALL MaxTime=600 DefaultTime=10 PriorityTier=1 PreemptMode=CANCEL GraceTime=0 State=UP
PartitionName=high Nodes=ALL MaxTime=600 DefaultTime=10 PriorityTier=10 PreemptMode=off State=UP
PartitionName=short Nodes=ALL MaxTime=1 DefaultTime=1 PriorityTier=5 PreemptMode=off State=UP
`;
}

/** A GPU is a character device to Slurm. */
export function gresConf({ folder, nodes }: Places): string {
  return `NodeName=${nodes.join(",")} Name=gpu Flags=nvidia_gpu_env File=${folder}/dev/gpu[0-1]\n`;
}

/** slurmd loads one in any case, and finds none by itself where not all of /sys is mounted. */
export function cgroupConf({ memory = false }: ClusterOptions): string {
  return `CgroupPlugin=cgroup/v1
CgroupMountpoint=/sys/fs/cgroup
CgroupAutomount=no
ConstrainDevices=no
${memory ? "ConstrainRAMSpace=yes\n" : ""}`;
}

export function sshdConf(
  { folder }: Places,
  name: string,
  { cgroups, sshToNodes, loginConfig }: ClusterOptions,
): string {
  const isNode = name !== "login";
  return `Port 22
HostKey ${folder}/keys/host-${name}
PidFile ${folder}/run/sshd-${name}.pid
UsePAM ${isNode && cgroups ? "yes" : "no"}
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
MaxStartups 100
MaxSessions 50
Subsystem sftp internal-sftp
${isNode && sshToNodes === false ? "DenyUsers *\n" : ""}${isNode ? "" : (loginConfig ?? []).join("\n")}
`;
}

/** Who logs in to a node becomes part of a job of theirs there, or is sent away. */
export const adoptingPam = `account required /usr/lib/security/pam_slurm_adopt.so action_no_jobs=deny action_adopt_failure=deny
session required pam_permit.so
auth required pam_deny.so
`;

/** The accounts are those of the cluster alone: what the machines see in place of the system's own files. */
export function passwdLines(): { readonly passwd: string; readonly group: string; readonly shadow: string } {
  const each = (line: (name: string, id: number) => string): string =>
    users.map((name, index) => `${line(name, firstUid + index)}\n`).join("");
  return {
    passwd: each((name, id) => `${name}:x:${id}:${id}::/home/${name}:/bin/bash`),
    group: each((name, id) => `${name}:x:${id}:`),
    shadow: each((name) => `${name}:*:19000:0:99999:7:::`),
  };
}

export function uidOf(user: (typeof users)[number]): number {
  return firstUid + users.indexOf(user);
}
