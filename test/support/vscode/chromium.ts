import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { ensurePackages, findProgram } from "../packages.js";

/** Debian's Chromium, installed when it is missing; with a font that has Chinese characters. */
export function ensureChromium(): string {
  const present = process.env["CHROMIUM"] ?? findProgram("chromium") ?? findProgram("chromium-browser");
  if (present) return present;
  ensurePackages(["chromium", "fonts-wqy-microhei"]);
  return findProgram("chromium") ?? "chromium";
}

export interface BrowserOptions {
  /** An empty folder for the profile. Reloads of the window find their state there. */
  readonly profile: string;
  /** More of the command line. */
  readonly args?: readonly string[];
  /** Keep cookies of frames of other sites, as usual. Default true. */
  readonly thirdPartyCookies?: boolean;
}

/** A browser with one page, as large as a window would be. */
export async function launchBrowser({
  profile,
  args = [],
  thirdPartyCookies = true,
}: BrowserOptions): Promise<BrowserContext> {
  // Desktop VS Code lets a framed page keep its storage. A browser does so only for pages of the same site.
  const cookies = {
    cookie_controls_mode: thirdPartyCookies ? 0 : 1,
    block_third_party_cookies: !thirdPartyCookies,
  };
  const preferences = { profile: cookies };
  await mkdir(join(profile, "Default"), { recursive: true });
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  return chromium.launchPersistentContext(profile, {
    executablePath: ensureChromium(),
    headless: true,
    viewport: { width: 1280, height: 800 },
    // Otherwise every frame is told one scheme, whatever the page around it says.
    colorScheme: null,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--force-device-scale-factor=1",
      ...args,
    ],
  });
}
