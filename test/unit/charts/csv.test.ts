import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { csvLine } from "../../../src/charts/csv.js";
import { writeCsvFile } from "../../../src/charts/csvFile.js";
import { exportCsv } from "../../../src/charts/exportCsv.js";

describe("a line of CSV", () => {
  const line = (label: string, metric: string, value: number | null) =>
    csvLine({ label, id: "1" }, { metric, step: 1, time: undefined, value });

  it("quotes separators, quotes and line breaks", () => {
    expect(line('a "b", c\nd', "m", 1)).toBe('"a ""b"", c\nd",1,m,1,,1\r\n');
  });

  it.each(["=1+1", "+1", "-1", "@a", "\tb"])("is no formula for a spreadsheet: %j", (name) => {
    expect(line(name, "m", 1).startsWith(`'${name},`)).toBe(true);
  });

  it.each([0.1, 1e-320, 1.7976931348623157e308, -0, 123456789.12345679])("round-trips %d", (value) => {
    const text = line("a", "m", value).trimEnd().split(",").at(-1);
    expect(Number(text) === value).toBe(true);
  });
});

describe("the values of runs as CSV", () => {
  let folder: string;
  let isOver: boolean;
  let told: Awaited<ReturnType<typeof exportCsv>>;
  beforeEach(() => {
    isOver = false;
  });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "csv-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const rows = async (
    text: string | Buffer,
    isWanted: (metric: string) => boolean = () => true,
  ): Promise<string[]> => {
    const file = join(folder, "events.jsonl");
    await writeFile(file, text);
    let written = "";
    const run = { label: "a", id: "1", file, isOver };
    told = await exportCsv([run], isWanted, (more) => (written += more));
    return written.trimEnd().split("\r\n").slice(1);
  };
  const event = (data: string): string => `{"ts": 5, "type": "metrics", "data": {${data}}}`;

  it("are all there in the order of logging, what is no number as Runicorn wrote it", async () => {
    const values = ["1", "NaN", "Infinity", "-Infinity", "null", "0.1", "1e400"];
    const lines = values.map((value, step) => event(`"loss": ${value}, "global_step": ${step % 3}`));
    expect(await rows(`${lines.join("\n")}\n`)).toEqual([
      "a,1,loss,0,5,1",
      "a,1,loss,1,5,NaN",
      "a,1,loss,2,5,Infinity",
      "a,1,loss,0,5,-Infinity",
      "a,1,loss,1,5,null",
      "a,1,loss,2,5,0.1",
      "a,1,loss,0,5,Infinity",
    ]);
  });

  it("include the last line without its newline, unless it is truncated", async () => {
    const lines = [event('"loss": 1, "step": 1'), event('"loss": 2, "step": 2')].join("\n");
    expect(await rows(lines)).toEqual(["a,1,loss,1,5,1", "a,1,loss,2,5,2"]);
    expect(await rows(lines.slice(0, -1))).toEqual(["a,1,loss,1,5,1"]);
  });

  it("come with how many values they are, and how many lines could not be read", async () => {
    const lines = [event('"loss": 1'), '{"ts": 5, "type": "met', "none", "", event('"loss": 2')];
    const tooLong = `{"ts": 5, "type": "log", "data": "${"x".repeat(2 << 20)}"}`;
    await rows(`${[...lines, tooLong].join("\n")}\n`);
    expect(told).toEqual({ count: 2, unread: 3 });
    await rows(`${event('"loss": 1')}\n${event('"loss": 2')}`);
    expect(told).toEqual({ count: 2, unread: 0 });
  });

  it("leave half of a last line out, which counts once the run writes no more", async () => {
    const half = `${event('"loss": 1')}\n${event('"loss": 2').slice(0, -1)}`;
    await rows(half);
    expect(told).toEqual({ count: 1, unread: 0 });
    isOver = true;
    await rows(half);
    expect(told).toEqual({ count: 1, unread: 1 });
  });

  it("are those of the wanted metrics", async () => {
    const text = `${event('"a": 1, "b": 2, "stage": "x", "text": "y"')}\n`;
    expect(await rows(text, (metric) => metric === "b")).toEqual(["a,1,b,,5,2"]);
  });

  it("leave out what is damaged, and keep the rest", async () => {
    const broken = [
      event('"a": 1'),
      '{"type": "metr',
      "[1]",
      "7",
      "null",
      "",
      `${"x".repeat(2 << 20)}`,
      event('"a": 2'),
    ];
    expect(await rows(`\ufeff${broken.join("\r\n")}\r\n{"type": "metrics", "da`)).toEqual([
      "a,1,a,,5,1",
      "a,1,a,,5,2",
    ]);
    const utf16 = Buffer.from(`\ufeff${event('"a": 3')}\n`, "utf16le");
    expect(await rows(utf16)).toEqual(["a,1,a,,5,3"]);
  });
});

describe("a file of values", () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "csv-file-"));
    file = join(folder, "runs.csv");
    await writeFile(file, "what was there");
    await symlink("runs.csv", join(folder, "link.csv"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("stays as it was where it is cancelled or fails half way", async () => {
    const fill = (write: (text: string) => void): Promise<number> => {
      write("half of it");
      return Promise.reject(new Error("no room"));
    };
    await expect(writeCsvFile(file, fill)).rejects.toThrow("no room");
    expect(await readFile(file, "utf8")).toBe("what was there");
    expect((await readdir(folder)).sort()).toEqual(["link.csv", "runs.csv"]);
  });

  it("is replaced when it is whole, also behind a link", async () => {
    const fill = (write: (text: string) => void): Promise<number> => {
      for (const text of ["all ", "of it"]) write(text);
      return Promise.resolve(2);
    };
    expect(await writeCsvFile(join(folder, "link.csv"), fill)).toBe(2);
    expect(await readFile(file, "utf8")).toBe("all of it");
    expect((await readdir(folder)).sort()).toEqual(["link.csv", "runs.csv"]);
  });
});
