import { lostFaults } from "../phases.js";
import { play } from "../play.js";

play(lostFaults);
