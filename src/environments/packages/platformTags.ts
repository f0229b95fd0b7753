/** The platform that wheels must match, as reported by the host's interpreter. Untrusted text. */
export interface HostPlatform {
  /** e.g. `3.11` */
  readonly python: string;
  /** `cp`, `pp` or `py`. */
  readonly implementation: string;
  /** `sys.platform` */
  readonly system: string;
  readonly machine: string;
  /** Version of glibc; empty with another C library. */
  readonly glibc: string;
  readonly musl: string;
  /** Version of macOS; empty on other systems. */
  readonly mac: string;
}

/** Minor versions of glibc that wheels are built for, besides 2.17, whose tag includes older ones. */
const builtFor = [39, 38, 36, 35, 34, 31, 28, 27, 26, 24] as const;

/** Returns the tags of compatible wheels, best first. @see PEP 425, PEP 600, PEP 656 */
export function platformTags({ system, machine, glibc, musl, mac }: HostPlatform): readonly string[] {
  const architecture = machine.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_");
  const minorOf = (version: string): number => Number(version.split(".")[1] ?? 0) || 0;
  if (system === "darwin") {
    // From macOS 11 on, only the major version counts.
    const [major = "11", minor = "0"] = mac.split(".");
    const known = Number(major) >= 11 ? `${Number(major)}_0` : `${Number(major) || 10}_${Number(minor) || 9}`;
    return [`macosx_${known}_${architecture}`];
  }
  if (glibc !== "") {
    const fitting = builtFor.filter((minor) => minor <= minorOf(glibc));
    return [
      ...fitting.map((minor) => `manylinux_2_${minor}_${architecture}`),
      `manylinux_2_17_${architecture}`,
      `manylinux2014_${architecture}`,
      `linux_${architecture}`,
    ];
  }
  if (musl !== "")
    return minorOf(musl) >= 2
      ? [`musllinux_1_2_${architecture}`, `musllinux_1_1_${architecture}`]
      : [`musllinux_1_1_${architecture}`];
  return ["any"];
}

/** Returns the arguments of `pip download`. */
export function downloadArguments(
  platform: HostPlatform,
  folder: string,
  requirements: readonly string[],
): readonly string[] {
  const { python, implementation } = platform;
  return [
    "download",
    "--only-binary=:all:",
    ...platformTags(platform).map((tag) => `--platform=${tag}`),
    `--python-version=${/^\d{1,2}\.\d{1,2}$/.test(python) ? python : "3"}`,
    `--implementation=${/^(cp|pp|py)$/.test(implementation) ? implementation : "cp"}`,
    `--dest=${folder}`,
    ...requirements,
  ];
}

/**
 * Validates a missing requirement reported by the host's pip: a name with versions. Rejects anything that pip would read as
 * an option, a URL or a file.
 */
export function requirementFrom(text: string): string | undefined {
  return /^[a-z0-9][a-z0-9._-]{0,80}(\[[a-z0-9._,-]{1,80}\])?((===?|~=|!=|<=?|>=?)[a-z0-9.*+!_-]{1,40},?){0,8}$/i.test(
    text,
  )
    ? text
    : undefined;
}
