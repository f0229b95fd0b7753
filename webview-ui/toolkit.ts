// The only file that knows the toolkit: it is archived upstream, and one day another takes its place.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeRadio,
  vsCodeRadioGroup,
  vsCodeTextArea,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";

/** Registers the elements that the page uses: `vscode-button` and `vscode-progress-ring`. */
export function registerElements(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing());
}

/** Registers those of a form, too: `vscode-text-field`, `vscode-text-area`, `vscode-radio-group` and `vscode-radio`. */
export function registerFormElements(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeProgressRing(),
    vsCodeRadio(),
    vsCodeRadioGroup(),
    vsCodeTextArea(),
    vsCodeTextField(),
  );
}
