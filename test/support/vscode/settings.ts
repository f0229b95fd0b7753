/** What makes the window silent and its pictures always the same. Older versions ignore what they do not know. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  // No chat, no welcome, no tips.
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.welcomePage.experimentalOnboarding": false,
  // Nothing goes out.
  "telemetry.telemetryLevel": "off",
  "telemetry.feedback.enabled": false,
  "workbench.enableExperiments": false,
  "update.mode": "none",
  "update.showReleaseNotes": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "extensions.webWorker": false,
  // Every port that is opened would be announced.
  "remote.autoForwardPorts": false,
  "remote.restoreForwardedPorts": false,
  // Looks.
  "workbench.colorTheme": "Default Dark Modern",
  "window.autoDetectColorScheme": false,
  "workbench.reduceMotion": "on",
  "editor.cursorBlinking": "solid",
  "editor.minimap.enabled": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "compact",
  "workbench.layoutControl.enabled": false,
  "workbench.editor.enablePreview": false,
  // Editors are tabs and dialogs are part of the page; hover cards would lie over what is clicked.
  "workbench.editor.useModal": "off",
  "window.dialogStyle": "custom",
  "window.confirmBeforeClose": "never",
  "workbench.hover.delay": 5000,
  "files.hotExit": "off",
  "files.autoSave": "off",
  "git.enabled": false,
};

/** What a person at the window wants otherwise than a test. */
export const settingsForPeople: Readonly<Record<string, unknown>> = { "workbench.hover.delay": 500 };
