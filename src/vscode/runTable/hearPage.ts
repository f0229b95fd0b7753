import type { FromRunTablePage } from "./fromRunTablePage.js";
import type { TableModel } from "./tableModel.js";
import type { ToRunTablePage } from "./toRunTablePage.js";

type Asked = Exclude<FromRunTablePage, { kind: "ready" | "act" | "sync" }>;

/** Handles messages that change the table or request a part of it. Every change sends the lines. */
export function hear(page: { post(message: ToRunTablePage): void }, model: TableModel, message: Asked): void {
  switch (message.kind) {
    case "rows":
      return page.post(model.rows(message));
    case "complete":
      return page.post(model.completions(message));
    case "choices":
      return page.post(model.choices(message));
    case "reading":
      return model.setReading(message.isReading);
    case "filter":
      model.filter(message.text);
      break;
    case "sort":
      model.sort(message);
      break;
    case "group":
      model.group(message.column);
      break;
    case "toggle":
      model.toggle(message.line);
      break;
    case "columns":
      model.setColumns(message.columns);
      break;
    case "resetColumns":
      model.setColumns(undefined);
      break;
    case "toggleColumn":
      model.toggleColumn(message.column);
      break;
    case "select":
      model.select(message);
      break;
    case "renew":
      model.renew();
  }
  page.post(model.lines());
}
