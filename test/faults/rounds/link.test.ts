import { linkFaults } from "../survived.js";
import { play } from "../play.js";

play(linkFaults);
