import { type Interaction, unattended } from "../../ssh/model/interaction.js";
import type { Passwords } from "../kit/secrets.js";
import { createInteraction, passwordSubject } from "./interaction.js";

/**
 * The interaction for reconnecting to viewers of an earlier window.
 * @param attended whether the user can be asked; else only a saved password is used, without prompts.
 */
export function reconnectInteraction(passwords: Passwords, attended: boolean): Interaction {
  if (attended) return createInteraction(passwords).interaction;
  return { ...unattended, password: (request) => passwords.get(passwordSubject(request)) };
}
