import { displayText } from "../../common/text/displayText.js";
import { type ComparedRow, compareRuns } from "../../runs/compare/compareRuns.js";
import { numberText } from "../../runs/view/valueText.js";
import type { RunDetails } from "../../runs/runDetails.js";
import type { RunValue } from "../../runs/runTable.js";
import { runLabel, runStateText } from "../runKit/runWords.js";
import { skippedText } from "../runKit/skippedText.js";
import type { ComparisonView, ShownRow } from "./toComparePage.js";

/** Maximum number of cells on a page, and of characters in a cell. */
const mostCells = 100_000;
const longestCell = 300;
/** Maximum number of skipped parts that are named of each run. */
const mostSkipped = 5;

/** The texts of a comparison, rows that differ first. */
export function comparisonView(runs: readonly RunDetails[]): ComparisonView {
  const { rows, leftOut } = compareRuns(runs);
  const mostRows = Math.floor(mostCells / Math.max(1, runs.length));
  const differing = rows.filter(({ differs }) => differs);
  const shown = [...differing, ...rows.filter(({ differs }) => !differs)].slice(0, mostRows);
  return {
    runs: runs.map(({ run, code }) => ({
      label: runLabel(run),
      detail: [displayText(run.path), displayText(run.id), runStateText(run)].filter(Boolean).join(" · "),
      hasCode: code?.snapshot !== undefined,
    })),
    rows: shown.map(rowText),
    more: rows.length - shown.length + leftOut,
    skipped: runs.flatMap(({ run, skipped }) =>
      skipped.slice(0, mostSkipped).map((part) => `${runLabel(run)}: ${skippedText(part)}`),
    ),
  };
}

function rowText({ group, name, differs, values, best }: ComparedRow): ShownRow {
  return {
    group,
    name: displayText(name),
    differs,
    texts: textsOf(values),
    numbers: values.map((value) => (typeof value === "number" ? value : null)),
    best: [...best],
  };
}

/** Numbers as everywhere, unless two of them that differ would look the same. */
function textsOf(values: ComparedRow["values"]): readonly string[] {
  const textOf = (numberIn: (value: number) => string) => (value: RunValue | undefined) => {
    if (value === undefined) return "";
    return typeof value === "number" ? numberIn(value) : cellText(value);
  };
  const short = values.map(textOf(numberText));
  return new Set(short).size < new Set(values).size ? values.map(textOf(String)) : short;
}

function cellText(value: RunValue): string {
  if (value === "") return '""';
  const text = displayText(String(value));
  return text.length > longestCell ? `${text.slice(0, longestCell)}…` : text;
}
