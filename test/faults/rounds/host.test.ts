import { hostFaults } from "../survived.js";
import { play } from "../play.js";

play(hostFaults);
