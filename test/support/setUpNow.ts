import setup from "./hostSetup.js";

await setup();
