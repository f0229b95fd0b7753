import * as l10n from "@vscode/l10n";

/** All texts of the page, which fills in `{0}` and so on. */
export type CompareTexts = ReturnType<typeof compareTexts>;

/** The texts of a comparison, localized. */
export function compareTexts() {
  return {
    title: l10n.t("Compare Runs"),
    loading: l10n.t("Reading the runs…"),
    tryAgain: l10n.t("Try Again"),
    baseline: l10n.t("Baseline"),
    makeBaseline: l10n.t("Make {0} the Baseline", "{0}"),
    isBaseline: l10n.t("baseline"),
    onlyDiffering: l10n.t("Only what differs"),
    search: l10n.t("Search names"),
    name: l10n.t("Name"),
    open: l10n.t("Open"),
    openRun: l10n.t("Open {0}", "{0}"),
    best: l10n.t("best"),
    noValue: l10n.t("no value"),
    parameter: l10n.t("Parameters"),
    metric: l10n.t("Metrics"),
    summary: l10n.t("Summary"),
    code: l10n.t("Code"),
    environment: l10n.t("Environment"),
    allSame: l10n.t("These runs have the same parameters, values, code and environment."),
    showAll: l10n.t("Show All Values"),
    noMatch: l10n.t("Nothing matches the search."),
    same: l10n.t("Values that are the same in all runs: {0}.", "{0}"),
    more: l10n.t("{0} more are not shown.", "{0}"),
    files: l10n.t("Source files"),
    compareWith: l10n.t("Compared with the baseline"),
    changed: l10n.t("changed"),
    added: l10n.t("added"),
    removed: l10n.t("removed"),
    sameCode: l10n.t("The source files are the same."),
    readingCode: l10n.t("Comparing the source files…"),
    noCode: l10n.t("Of one of these runs no source files are kept: init(snapshot_code=True) keeps them."),
    charts: l10n.t("Charts"),
    skipped: l10n.t("Not everything could be read"),
    table: l10n.t("Values of the runs side by side"),
  };
}
