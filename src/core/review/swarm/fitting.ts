import type { Affordable } from "./affording.ts";
import type { SheetedRequest } from "./generating.ts";
import type { SwarmMoney } from "./request.ts";

/** Others may spend between a look at a budget and the money's being set aside: so often it is looked at anew. */
const mostLooks = 10;

/** A swarm as its budget holds it. */
export interface Fitted {
  /** With what was left when the money was set aside. */
  readonly request: SheetedRequest;
  readonly afford: Affordable;
}

/**
 * Fits a swarm into its budgets and sets the worst case of all its phases aside, so that what others spend meanwhile ends no seat. Where a budget has
 * no room for it any more, less of the swarm is tried.
 */
export async function fitSwarm(
  money: SwarmMoney | undefined,
  asked: SheetedRequest,
  fit: (request: SheetedRequest) => Affordable,
): Promise<Fitted> {
  let request = asked;
  for (let look = 0; look < mostLooks; look += 1) {
    const afford = fit(request);
    const left = await setAside(money, request, afford);
    if (left === null) {
      return { request, afford };
    }
    request = { ...request, room: left };
  }
  request = { ...request, room: request.room && { ...request.room, microUsd: 0 } };
  return { request, afford: fit(request) };
}

async function setAside(
  money: SwarmMoney | undefined,
  { run, room, packing }: SheetedRequest,
  { isEnough, worst }: Affordable,
): Promise<SheetedRequest["room"]> {
  const isAsked = room !== null && isEnough && worst > 0 && packing.packs.length > 0;
  return isAsked && money !== undefined ? money.setAside(run, worst) : null;
}
