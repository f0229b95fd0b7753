import { displayText } from "../common/text/displayText.js";
import type { Logger } from "../common/logger.js";
import type { Commands } from "./command/commands.js";
import type { Delivery } from "./delivery.js";
import { readEvent } from "./protocol/serverMessages.js";
import type { LinkListener } from "./wire/link.js";

export interface ListenerParts {
  readonly commands: Pick<Commands, "receive">;
  readonly delivery: Pick<Delivery, "acknowledged">;
  /** A result was acknowledged. */
  readonly onAcknowledged: () => void;
  readonly logger: Logger;
}

/** Dispatches messages of the main server. Unknown ones are dropped and logged. */
export function createListener({ commands, delivery, onAcknowledged, logger }: ListenerParts): LinkListener {
  return {
    onEvent: (event, data) => {
      const incoming = readEvent(event, data);
      switch (incoming.kind) {
        case "command":
        case "malformed":
          commands.receive(incoming);
          break;
        case "acknowledged":
          delivery.acknowledged(incoming.id, incoming.success, "event");
          onAcknowledged();
          break;
        case "unusable":
          logger.warn(`relay: dropped an event that is not understood: ${displayText(event.slice(0, 64))}`);
      }
    },
    onNoise: () => logger.warn("relay: dropped a frame that is not understood"),
    onAcknowledged: (id, success) => {
      delivery.acknowledged(id, success, "callback");
      onAcknowledged();
    },
  };
}
