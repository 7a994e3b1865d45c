import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { TestAppliance } from "../support/appliance";

const CHROMIUM = process.env.SMALLEST_TEST_CHROMIUM ?? "/usr/bin/chromium";
/** A folder to leave pictures of every state in, for people to look at. */
const PICTURES = process.env.SMALLEST_TEST_PICTURES;

const folder = mkdtempSync(join(tmpdir(), "smallest-page-"));
const LOG = Array.from(
  { length: 4000 },
  (_, i) =>
    `2026-03-08T12:00:${String(i % 60).padStart(2, "0")}Z host app[${i % 7}]: request ${i} took ${i % 90} ms\n`,
).join("");

let appliance: TestAppliance;
let context: BrowserContext;
let page: Page;
/** What the page must never do: throw, break its policy, or ask anything of another host. */
const complaints: string[] = [];

describe.skipIf(!existsSync(CHROMIUM))("the page in a browser", () => {
  beforeAll(async () => {
    appliance = await TestAppliance.start();
    context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: CHROMIUM,
      headless: true,
      acceptDownloads: true,
      // Colours in transition would be measured halfway.
      reducedMotion: "reduce",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    context.setDefaultTimeout(15_000);
    page = await openPage();
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    await appliance?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test("signs in with the setup link, once", async () => {
    await page.goto(appliance.setupLink);
    await page.getByRole("heading", { name: "Welcome" }).waitFor();
    const key = await page.getByLabel(/^Key /).inputValue();
    expect(key).toStartWith("smz_");
    expect(page.url()).not.toContain("setup");
    await inspect("welcome");
    await page.getByRole("button", { name: "I have noted it" }).click();
    await page.getByText("Nothing stored yet").waitFor();
    await page.getByText("Ready", { exact: true }).waitFor();
    await inspect("empty");

    const other = await openPage();
    await other.goto(appliance.setupLink);
    await other.getByRole("alert").waitFor();
    await other.getByRole("button", { name: "Sign in" }).waitFor();
    await other.close();
  }, 60_000);

  test("uploads with the codec's parameters and shows what was saved", async () => {
    const path = join(folder, "syslog & <i>örtlich.log");
    writeFileSync(path, LOG);
    await page.getByLabel("Codec", { exact: true }).selectOption("log-files");
    await page.getByLabel("Level").selectOption("max");
    await inspect("parameters");
    await page.getByLabel("Files to upload").setInputFiles(path);
    await page.getByRole("list", { name: "Uploads" }).getByText("stored as log-files").waitFor();
    const row = page.getByRole("row", { name: /örtlich/ });
    await row.waitFor();
    expect(await row.textContent()).toContain("log-files");
    await page.getByRole("button", { name: "syslog & <i>örtlich.log", exact: true }).click();
    await page.getByText("level max").waitFor();
    await page.getByText("identical to the upload").waitFor();
    await inspect("details");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
  }, 60_000);

  test("refuses a duplicate and a file of another kind with the server's words", async () => {
    const path = join(folder, "again.log");
    writeFileSync(path, LOG);
    await page.getByLabel("Files to upload").setInputFiles(path);
    const uploads = page.getByRole("list", { name: "Uploads" });
    await uploads.getByText(/already/i).waitFor();
    await page.getByLabel("Codec", { exact: true }).selectOption("dicom");
    await page.getByLabel("Files to upload").setInputFiles({
      name: "no.dcm",
      mimeType: "application/dicom",
      buffer: Buffer.from("not a DICOM file at all"),
    });
    await uploads.getByText(/not_dicom/).waitFor();
    await inspect("refused");
    for (const name of ["again.log", "no.dcm"]) await page.getByRole("button", { name: `Dismiss ${name}` }).click();
    expect(await uploads.getByRole("listitem").count()).toBe(1);
  }, 60_000);

  test("can try again when the connection breaks off, and is patient while the server works", async () => {
    await page.getByLabel("Codec", { exact: true }).selectOption("auto");
    await page.route("**/api/auto/upload*", (route) => route.abort(), { times: 1 });
    await page.route("**/api/uploads/*", (route) => route.abort(), { times: 2 });
    const file = { name: "retry.txt", mimeType: "text/plain", buffer: Buffer.from("patience ".repeat(500)) };
    await page.getByLabel("Files to upload").setInputFiles(file);
    await page.getByText("broke off while sending").waitFor();
    await page.getByRole("button", { name: "Try again: retry.txt" }).click();
    await page.getByRole("row", { name: "retry.txt" }).waitFor();
    await page.getByRole("button", { name: "Dismiss all that have ended" }).click();
    expect(await page.getByRole("list", { name: "Uploads" }).count()).toBe(0);
    await page.getByRole("button", { name: "Delete retry.txt" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("row", { name: "retry.txt" }).waitFor({ state: "detached" });
  }, 60_000);

  test("takes dropped files, several at once, by content", async () => {
    await page.getByLabel("Codec", { exact: true }).selectOption("auto");
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      for (const n of [1, 2, 3]) {
        transfer.items.add(new File([`{"type":"FeatureCollection","features":[],"n":${n}}`], `map ${n}.geojson`));
      }
      document
        .querySelector(".drop")!
        .dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
    });
    for (const n of [1, 2, 3]) await page.getByRole("row", { name: `map ${n}.geojson` }).waitFor();
    await page.getByText("Saved", { exact: true }).first().waitFor();
    await inspect("files");
  }, 60_000);

  test("offers the parameters that the chosen codec has", async () => {
    await page.getByLabel("Codec", { exact: true }).selectOption("geospatial");
    await page.getByLabel("Format").selectOption("geojson");
    await page.getByLabel("Precision").fill("99");
    const file = {
      name: "point.geojson",
      mimeType: "",
      buffer: Buffer.from('{"type":"Point","coordinates":[1.5,2]}'),
    };
    await page.getByLabel("Files to upload").setInputFiles(file);
    await page.getByText(/`precision` must be/).waitFor();
    await page.getByLabel("Precision").fill("full");
    await page.getByLabel("Simplify").fill("0.5");
    await inspect("geospatial");
    await page.getByLabel("Files to upload").setInputFiles(file);
    await page.getByRole("button", { name: "point.geojson", exact: true }).click();
    const details = await page.getByRole("dialog").textContent();
    expect(details).toContain("precisionfull");
    expect(details).toContain("simplify0.5");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Delete point.geojson" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("row", { name: "point.geojson" }).waitFor({ state: "detached" });
    await page.getByLabel("Codec", { exact: true }).selectOption("auto");
  }, 60_000);

  test("searches and filters", async () => {
    const rows = page.getByRole("row").filter({ has: page.getByRole("rowheader") });
    const showsOnly = async (name: RegExp) => {
      await rows.nth(1).waitFor({ state: "detached" });
      await rows.filter({ hasText: name }).waitFor();
    };
    const showsAll = () => rows.nth(3).waitFor();
    await showsAll();
    await page.getByLabel("Search by name").fill("MAP 2");
    await showsOnly(/map 2/);
    await page.getByLabel("Search by name").fill("%");
    await page.getByText("No file matches").waitFor();
    await page.getByLabel("Search by name").fill("");
    await showsAll();
    await page.getByLabel("Filter by codec").selectOption("log-files");
    await showsOnly(/örtlich/);
    await page.getByLabel("Filter by codec").selectOption("");
    await showsAll();
  }, 60_000);

  test("downloads the very bytes under their name", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /Download syslog/ }).click(),
    ]);
    expect(download.suggestedFilename()).toContain("örtlich");
    expect(readFileSync(await download.path(), "utf8")).toBe(LOG);
  }, 60_000);

  test("writes a large download straight to the file that was picked", async () => {
    const bytes = 70_000_000;
    await page.evaluate((length) => {
      const content = new Uint8Array(length).map((_, i) => (i >> 12) % 251);
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], "large.bin"));
      document
        .querySelector(".drop")!
        .dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
      // No test can pick a file in the browser's own dialog; the origin's private folder has the same kind of file.
      const pick = async () => (await navigator.storage.getDirectory()).getFileHandle("picked", { create: true });
      Object.assign(window, { showSaveFilePicker: pick });
    }, bytes);
    await page.getByRole("button", { name: "Download large.bin" }).click({ timeout: 60_000 });
    await page.getByRole("progressbar", { name: "Downloading large.bin" }).waitFor();
    await page.getByRole("button", { name: "Download large.bin" }).waitFor({ timeout: 60_000 });
    const { size, firstWrong } = await page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      const picked = await (await folder.getFileHandle("picked")).getFile();
      const content = new Uint8Array(await picked.arrayBuffer());
      await folder.removeEntry("picked");
      return { size: content.length, firstWrong: content.findIndex((byte, i) => byte !== (i >> 12) % 251) };
    });
    expect({ size, firstWrong }).toEqual({ size: bytes, firstWrong: -1 });
    await page.getByRole("button", { name: "Delete large.bin" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("row", { name: "large.bin" }).waitFor({ state: "detached" });
  }, 120_000);

  test("deletes after asking", async () => {
    await page.getByRole("button", { name: "Delete map 2.geojson" }).click();
    await inspect("delete");
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    expect(await page.getByRole("row", { name: "map 2.geojson" }).count()).toBe(1);
    await page.getByRole("button", { name: "Delete map 2.geojson" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("row", { name: "map 2.geojson" }).waitFor({ state: "detached" });
    expect(await page.getByRole("row", { name: "map 1.geojson" }).count()).toBe(1);
  }, 60_000);

  test("makes a key, signs in with it, and shows only what it may do", async () => {
    await page.getByRole("button", { name: "Keys" }).click();
    await page.getByLabel("Name of a new key").fill("Sequencer");
    await inspect("keys");
    await page.getByRole("button", { name: "Make key" }).click();
    const key = await page.getByLabel("Key “Sequencer”").inputValue();
    await inspect("new-key");
    await page.getByRole("button", { name: "I have noted it" }).click();
    await page.getByRole("row", { name: /Sequencer/ }).waitFor();

    const other = await openPage();
    await other.goto(appliance.url);
    await other.getByLabel("API key").fill("smz_wrong");
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("alert").waitFor();
    await inspect("sign-in", other);
    await other.getByLabel("API key").fill(key);
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("row", { name: "map 1.geojson" }).waitFor();
    await other.getByRole("button", { name: "Keys" }).click();
    await other.getByText("may not manage keys").waitFor();
    await other.reload();
    await other.getByRole("row", { name: "map 1.geojson" }).waitFor();

    await page.getByRole("button", { name: "Revoke Sequencer" }).click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByText("revoked").waitFor();
    await other.reload();
    await other.getByText("no longer valid").waitFor();
    await other.close();
  }, 60_000);

  test("goes on with the successor when its own key is rotated", async () => {
    const own = page.getByRole("row", { name: /in use here/ });
    await own.getByRole("button", { name: /^Rotate/ }).click();
    await page.getByRole("button", { name: "Rotate", exact: true }).click();
    await page.getByRole("heading", { name: "The new key" }).waitFor();
    await page.getByRole("button", { name: "I have noted it" }).click();
    await own.waitFor();
    await page.getByRole("button", { name: "Files", exact: true }).click();
    await page.getByRole("row", { name: "map 1.geojson" }).waitFor();
  }, 60_000);

  test("forgets the key with the tab, unless asked to keep it", async () => {
    const other = await openPage();
    await other.goto(appliance.url);
    await other.getByLabel("API key").fill(appliance.key);
    await other.getByLabel("Stay signed in").check();
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("row", { name: "map 1.geojson" }).waitFor();
    await other.close();
    const next = await openPage();
    await next.goto(appliance.url);
    await next.getByRole("row", { name: "map 1.geojson" }).waitFor();
    await next.getByRole("button", { name: "Sign out" }).click();
    await next.reload();
    await next.getByLabel("API key").waitFor();
    await next.close();
  }, 60_000);

  test("can be used with the keyboard alone", async () => {
    await page.reload();
    await page.getByRole("row", { name: "map 1.geojson" }).waitFor();
    const reached: string[] = [];
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press("Tab");
      reached.push(
        await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          return element.getAttribute("aria-label") ?? element.textContent ?? "";
        }),
      );
    }
    for (const name of ["Files", "Keys", "Sign out", "Choose files", "Search by name", "Download map 1.geojson"]) {
      expect(reached).toContain(name);
    }
  }, 60_000);

  test("never complained, nor asked anything of another host", () => {
    expect(complaints).toEqual([]);
  });
});

async function openPage(): Promise<Page> {
  const opened = await context.newPage();
  opened.on("pageerror", (error) => complaints.push(error.message));
  opened.on("console", (message) => {
    // Chromium logs every refused call; that the page shows them is tested above.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isRefusal) complaints.push(message.text());
  });
  opened.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "blob:" && origin !== new URL(appliance.url).origin) complaints.push(request.url());
  });
  return opened;
}

/** Holds that nothing in the present state bars anyone from it, light and dark, wide and narrow. */
async function inspect(name: string, of = page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await of.emulateMedia({ colorScheme });
    for (const [size, width] of Object.entries({ wide: 1280, narrow: 390 })) {
      await of.setViewportSize({ width, height: 900 });
      if (PICTURES) {
        await of.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${size}.png`), fullPage: true });
      }
      expect(await barriers(of)).toEqual([]);
      expect(await of.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  }
  await of.emulateMedia({ colorScheme: "light" });
  await of.setViewportSize({ width: 1280, height: 900 });
}

/** What axe-core finds, by rule and element. */
async function barriers(of: Page): Promise<string[]> {
  if (!(await of.evaluate(() => "axe" in window))) await of.evaluate(axe.source);
  return of.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
  });
}
