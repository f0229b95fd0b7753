import { cancelledFaults } from "../phases.js";
import { play } from "../play.js";

play(cancelledFaults);
