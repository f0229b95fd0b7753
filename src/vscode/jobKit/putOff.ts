import { Cancelled } from "../../common/failure.js";

/** The user stopped waiting, but the queued job is not cancelled. */
export class PutOff extends Cancelled {}
