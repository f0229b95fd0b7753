/** A VS Code that the tests run in: code-server of that version, and the major version of the Node it is made for. */
export interface CodeServerVersion {
  readonly codeServer: string;
  readonly vscode: string;
  readonly node: string;
}

/** The oldest version that package.json allows, and the newest there is. */
export const versions = {
  oldest: { codeServer: "4.96.4", vscode: "1.96.4", node: "20" },
  newest: { codeServer: "4.139.1", vscode: "1.139.1", node: "24" },
} as const satisfies Record<string, CodeServerVersion>;

export type VersionName = keyof typeof versions;
