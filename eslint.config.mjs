import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Only these may know that VS Code exists; everything else also runs in a terminal. */
const speaksToVsCode = ["src/vscode/**/*.ts", "src/extension.ts"];

export default tseslint.config(
  { ignores: ["dist/", ".cache/", "coverage/", "**/*.d.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/only-throw-error": "error",
      "no-control-regex": "off",
      "max-lines": ["error", { max: 400, skipBlankLines: false, skipComments: false }],
      eqeqeq: "error",
    },
  },
  {
    // What is longer is split into steps with names, or says in the code why not.
    files: ["src/**/*.ts", "webview-ui/**/*.ts"],
    rules: { "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ["src/**/*.ts"],
    ignores: speaksToVsCode,
    rules: {
      "no-restricted-imports": [
        "error",
        { paths: [{ name: "vscode", message: "Only src/vscode and src/extension.ts import vscode." }] },
      ],
    },
  },
  {
    // l10n-dev finds texts by the name `l10n.t`; console belongs to the terminal program alone.
    files: ["src/**/*.ts"],
    ignores: ["src/headless/**/*.ts", "src/headless.ts"],
    rules: { "no-console": "error" },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off", "@typescript-eslint/unbound-method": "off" },
  },
  {
    // What a REST API answers is looked into freely; a wrong guess fails the test.
    files: ["test/host/api/**/*.ts", "test/conformance/**/*.ts", "test/support/api.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: {
      globals: { process: "readonly", console: "readonly", setTimeout: "readonly", URL: "readonly" },
    },
  },
);
