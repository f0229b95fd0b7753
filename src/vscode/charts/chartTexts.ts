import * as l10n from "@vscode/l10n";

/** The texts of the page with the charts, localized. */
export function chartTexts() {
  return {
    ...controlTexts(),
    ...legendTexts(),
    ...menuTexts(),
    title: l10n.t("Metrics"),
    noMetrics: l10n.t("No metrics logged yet."),
    loading: l10n.t("Reading the metrics…"),
    value: l10n.t("Value"),
    latest: l10n.t("Latest"),
    point: l10n.t("1 value"),
    points: l10n.t("{0} values", "{0}"),
    chartHelp: l10n.t(
      "Arrow keys move from value to value, plus and minus zoom, Escape shows everything. Drag to zoom.",
    ),
    chartLabel: l10n.t("Chart of {0}", "{0}"),
    noValue: l10n.t("no value"),
    noMatch: l10n.t("No metric matches the filter."),
    noNumbers: l10n.t("Every value is NaN or infinite: there is nothing to draw."),
    notPositive: l10n.t("No value is above 0: a log scale has nothing to draw."),
    tooLarge: l10n.t("Values beyond ±1e300 are not drawn."),
    nothingOnAxis: l10n.t("No value was logged at the same step as {0}.", "{0}"),
    markAt: l10n.t("{0} at step {1}", "{0}", "{1}"),
    moreMarks: l10n.t("{0} more", "{0}"),
  };
}

function controlTexts() {
  return {
    xAxis: l10n.t("Horizontal axis"),
    step: l10n.t("Step"),
    relativeStep: l10n.t("Relative step"),
    time: l10n.t("Relative time (s)"),
    wallTime: l10n.t("Wall time"),
    otherMetric: l10n.t("Metric…"),
    metricOnAxis: l10n.t("Metric on the horizontal axis"),
    smoothing: l10n.t("Smoothing"),
    logScale: l10n.t("Log scale"),
    replaced: l10n.t("Replaced values"),
    replacedHelp: l10n.t("Show what a resumed run logged anew later, as it was before"),
    groupBy: l10n.t("Group by"),
    noGroups: l10n.t("No groups"),
    band: l10n.t("Band"),
    bandRange: l10n.t("Min–max"),
    bandDeviation: l10n.t("Standard deviation"),
    filter: l10n.t("Filter metrics"),
    resetZoom: l10n.t("Reset Zoom"),
    pinned: l10n.t("Pinned"),
    otherMetrics: l10n.t("Other metrics"),
  };
}

function legendTexts() {
  return {
    runs: l10n.t("Runs"),
    groups: l10n.t("Groups"),
    showRun: l10n.t("Show {0}", "{0}"),
    focusRun: l10n.t("Color {0}", "{0}"),
    showAll: l10n.t("Show All"),
    hideAll: l10n.t("Hide All"),
    legendHelp: l10n.t(
      "Click a name to color its line. Alt+click, or S on the keyboard, shows one alone; H hides it.",
    ),
    bestLow: l10n.t("In color: the {0} lowest {1}", "{0}", "{1}"),
    bestHigh: l10n.t("In color: the {0} highest {1}", "{0}", "{1}"),
    newest: l10n.t("In color: the {0} newest. The runs do not say which values are good.", "{0}"),
    /** Joins two sentences, the first without its full stop. */
    sentences: l10n.t("{0}. {1}", "{0}", "{1}"),
    shown: l10n.t("{0} of {1} shown", "{0}", "{1}"),
    valueAt: l10n.t("{0} at {1}", "{0}", "{1}"),
    latestOf: l10n.t("Latest {0}", "{0}"),
  };
}

function menuTexts() {
  return {
    actionsOf: l10n.t("Actions of {0}", "{0}"),
    exportAll: l10n.t("Export"),
    pin: l10n.t("Pin"),
    unpin: l10n.t("Unpin"),
    yRange: l10n.t("Y Range…"),
    yFrom: l10n.t("From"),
    yTo: l10n.t("To"),
    reset: l10n.t("Reset"),
    copyPng: l10n.t("Copy as PNG"),
    savePng: l10n.t("Save as PNG…"),
    copyCsv: l10n.t("Copy Data as CSV"),
    saveCsv: l10n.t("Save Data as CSV…"),
    onWhite: l10n.t("White Background"),
    copied: l10n.t("Copied."),
    notCopied: l10n.t("VS Code does not let this page copy pictures. Save it as PNG instead."),
    tooManyCharts: l10n.t(
      "The picture holds the first {0} of {1} charts. Filter the metrics for others.",
      "{0}",
      "{1}",
    ),
  };
}
