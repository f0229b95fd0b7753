import { Failure, type FailureDetail } from "../failure.js";

/** A limit on foreign input: bytes, entries or lines. */
export interface Budget {
  /** What is left of it. */
  readonly left: number;
  /**
   * Notes that so much came; to be called before it is kept.
   * @throws Failure with the detail that the budget was made with, once it is more than the limit altogether.
   */
  spend(amount: number): void;
}

/** @param exceeded what is wrong when more comes. */
export function createBudget<D extends FailureDetail>(limit: number, exceeded: D): Budget {
  let spent = 0;
  return {
    get left() {
      return Math.max(0, limit - spent);
    },
    spend: (amount) => {
      spent += amount;
      if (spent > limit) throw new Failure<D>(exceeded);
    },
  };
}

/**
 * All bytes of a stream.
 * @throws Failure of the budget, as soon as it is exceeded; the stream is ended then.
 */
export async function readWithin(stream: AsyncIterable<Buffer>, bytes: Budget): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    bytes.spend(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
