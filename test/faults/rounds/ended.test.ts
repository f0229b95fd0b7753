import { endedFaults } from "../ended.js";
import { play } from "../play.js";

play(endedFaults);
