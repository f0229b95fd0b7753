// The only file that knows the toolkit: it is archived upstream, and one day another takes its place.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeProgressRing } from "@vscode/webview-ui-toolkit";

/** Registers the elements that the page uses: `vscode-button` and `vscode-progress-ring`. */
export function registerElements(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing());
}
