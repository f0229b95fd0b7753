import { Cancelled } from "../../common/failure.js";

/** The person wants something else meanwhile: a job that waits on a cluster keeps its place there. */
export class PutOff extends Cancelled {}
