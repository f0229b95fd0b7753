export interface Section {
  readonly name: string;
  readonly date: string | undefined;
  readonly text: string;
}
export function sectionsOf(changelog: string): Section[];
export function notesOf(changelog: string, version: string, options?: { readonly dryRun?: boolean }): string;
export function releaseProblems(facts: {
  readonly tag: string;
  readonly version: string;
  readonly lockVersions: readonly string[];
  readonly changelog: string;
  readonly dryRun?: boolean;
}): string[];
export function foreignIn(names: readonly string[], name: string): string[];
