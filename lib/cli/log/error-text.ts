/** An error on one line, as logs and the command's last words have it. */
import { causesOf, errorFacts, titleOf, type ErrorFacts } from '../../core/error-facts.js';
import { placesOf } from './error-place.js';

/**
 * `TypeError: no such row (lib/db.mjs:3:9, from app.mjs:7:1); caused by ECONNREFUSED: …` The text is not escaped.
 *
 * @param maxPlaces - how many places of the stack are named.
 */
export function errorText(error: unknown, maxPlaces = 1): string {
  const facts = errorFacts(error);
  return [facts, ...causesOf(facts)].map((each) => titleAndPlaces(each, maxPlaces)).join('; caused by ');
}

function titleAndPlaces(facts: ErrorFacts, maxPlaces: number): string {
  const places = placesOf(facts.frames).slice(0, maxPlaces);
  return places.length === 0 ? titleOf(facts) : `${titleOf(facts)} (${places.join(', from ')})`;
}
