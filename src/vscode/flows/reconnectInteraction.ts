import { type Interaction, unattended } from "../../ssh/model/interaction.js";
import type { Passwords } from "../kit/secrets.js";
import { createInteraction, passwordSubject } from "./interaction.js";

/**
 * The answerer for hosts of viewers that an earlier window started.
 * @param attended a person waits for it and can be asked; else only a kept password is used, and no prompt is opened.
 */
export function reconnectInteraction(passwords: Passwords, attended: boolean): Interaction {
  if (attended) return createInteraction(passwords).interaction;
  return { ...unattended, password: (request) => passwords.get(passwordSubject(request)) };
}
