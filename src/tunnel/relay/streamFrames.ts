import { encodeTaggedFrame, type TaggedFrame, TaggedFrameDecoder } from "../../ssh/channel/taggedFrames.js";

/** What a frame says; see streamRelay.py. */
export type StreamFrameKind = keyof typeof longest;

/** Its id is the number of a stream. */
export type StreamFrame = TaggedFrame<typeof longest>;

/** Bytes of a payload of data. */
export const mostOfData = 64 * 1024;
/** Bytes of each frame of data that a window counts beside its payload: what holds it in memory. */
export const costOfFrame = 64;
const longest = { O: 8192, A: 0, D: mostOfData, E: 0, W: 4, R: 0, C: 1024 } as const;

/** @param tag stands behind each frame. */
export const encodeStreamFrame = (
  kind: StreamFrameKind,
  id: number,
  payload: Uint8Array,
  tag: Buffer,
): Buffer => encodeTaggedFrame(kind, id, payload, tag);

export class StreamFrameDecoder extends TaggedFrameDecoder<typeof longest> {
  constructor(tag: Buffer) {
    super(tag, longest);
  }
}
