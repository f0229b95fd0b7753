import { testMainJob } from "./mainJob.js";

testMainJob("newest");
