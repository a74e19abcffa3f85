import type { Probe } from "../store/index.ts";
import { selectLastReservation } from "./tables.ts";

/** The number of the last reservation, for `Costs.reserveAll`; null before the first. */
export const lastReservationProbe: Probe = {
  sql: selectLastReservation,
  about: ["project"],
};
