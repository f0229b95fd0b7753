import { testMainJob } from "./mainJob.js";

testMainJob("oldest");
