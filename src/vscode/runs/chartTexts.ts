import * as l10n from "@vscode/l10n";
import type { ChartTexts } from "./chartMessages.js";

/** The texts of the page with the charts, in the reader's language. */
export function chartTexts(): ChartTexts {
  return {
    title: l10n.t("Metrics"),
    step: l10n.t("Step"),
    time: l10n.t("Relative time (s)"),
    xAxis: l10n.t("Horizontal axis"),
    smoothing: l10n.t("Smoothing"),
    logScale: l10n.t("Log scale"),
    filter: l10n.t("Filter metrics"),
    resetZoom: l10n.t("Reset Zoom"),
    noMetrics: l10n.t("No metrics logged yet."),
    loading: l10n.t("Reading the metrics…"),
    runs: l10n.t("Runs"),
    value: l10n.t("Value"),
    latest: l10n.t("Latest"),
    points: l10n.t("Points"),
    chartHelp: l10n.t(
      "Arrow keys move from value to value, plus and minus zoom, Escape shows everything. Drag to zoom.",
    ),
    chartLabel: l10n.t("Chart of {0}", "{0}"),
    noValue: l10n.t("no value"),
    noMatch: l10n.t("No metric matches the filter."),
    noNumbers: l10n.t("Every value is NaN or infinite: there is nothing to draw."),
    notPositive: l10n.t("No value is above 0: a log scale has nothing to draw."),
    tooLarge: l10n.t("Values beyond ±1e300 are not drawn."),
  };
}
