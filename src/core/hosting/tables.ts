import type { Migration } from "../store/index.ts";

/**
 * What a code host delivered, and how far each repository was looked through. It has a database of its own beside no other tables, and so its
 * own line of versions.
 */
export const deliveryMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "deliveries",
    statements: [
      `CREATE TABLE deliveries (
        project TEXT NOT NULL,
        number BIGINT NOT NULL,
        guid TEXT NOT NULL,
        event TEXT NOT NULL,
        repository TEXT,
        lane TEXT NOT NULL,
        about TEXT,
        payload TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        received_at_ms BIGINT NOT NULL,
        next_at_ms BIGINT NOT NULL,
        lease_until_ms BIGINT,
        ended_at_ms BIGINT,
        note TEXT,
        PRIMARY KEY (project, number)
      )`,
      `CREATE UNIQUE INDEX deliveries_by_guid ON deliveries (project, guid)`,
      `CREATE INDEX deliveries_by_state ON deliveries (project, state, number)`,
      `CREATE INDEX deliveries_by_lane ON deliveries (project, lane, number)`,
      `CREATE INDEX deliveries_by_about ON deliveries (project, about)`,
      `CREATE TABLE delivery_sweeps (
        project TEXT NOT NULL,
        repository TEXT NOT NULL,
        swept_to_ms BIGINT NOT NULL,
        PRIMARY KEY (project, repository)
      )`,
    ],
  },
];

export interface DeliveryRow {
  readonly number: number;
  readonly guid: string;
  readonly event: string;
  readonly repository: string | null;
  readonly payload: string;
  readonly attempts: number;
}

/** One statement: numbering, and that a delivery is known already, cost no round trip of their own. */
export const insertDelivery = `INSERT INTO deliveries
  (project, number, guid, event, repository, lane, about, payload, state, attempts, received_at_ms, next_at_ms)
  SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, 0, ?, ? FROM deliveries WHERE project = ?
  ON CONFLICT (project, guid) DO UPDATE SET state = 'waiting', attempts = 0, payload = excluded.payload,
    next_at_ms = excluded.next_at_ms, ended_at_ms = NULL, note = NULL
  WHERE deliveries.state = 'dead' AND excluded.state = 'waiting'`;

export const insertRepository = `INSERT INTO delivery_sweeps (project, repository, swept_to_ms) VALUES (?, ?, ?)
  ON CONFLICT (project, repository) DO NOTHING`;

export const selectRepositories =
  "SELECT repository, swept_to_ms FROM delivery_sweeps WHERE project = ? ORDER BY repository";

export const updateSweep =
  "UPDATE delivery_sweeps SET swept_to_ms = ? WHERE project = ? AND repository = ? AND swept_to_ms < ?";

export const deleteRepository = "DELETE FROM delivery_sweeps WHERE project = ? AND repository = ?";

/** What a worker left behind. Parameters: now, project, now. */
export const freeLost = `UPDATE deliveries SET state = 'waiting', lease_until_ms = NULL, next_at_ms = ?
  WHERE project = ? AND state = 'running' AND lease_until_ms <= ?`;

/**
 * Nothing unfinished stands before it in its lane. A look through a whole repository also waits for what is under way there or due before it: it
 * would take for missed what a delivery is about to do. One that waits to be tried again later holds it up no longer than it runs.
 */
const isFirst = `NOT EXISTS (SELECT 1 FROM deliveries AS earlier WHERE earlier.project = one.project AND earlier.number < one.number
  AND ((earlier.lane = one.lane AND earlier.state IN ('waiting', 'running'))
    OR (one.event = 'schedule' AND earlier.repository = one.repository
      AND (earlier.state = 'running' OR (earlier.state = 'waiting' AND earlier.next_at_ms <= one.next_at_ms)))))`;

/** The first that is due and has nothing unfinished before it in its lane. Parameters: project, now. */
export const selectDue = `SELECT number, guid, event, repository, payload, attempts FROM deliveries AS one
  WHERE project = ? AND state = 'waiting' AND next_at_ms <= ? AND ${isFirst} ORDER BY number LIMIT 1`;

export const updateRunning = `UPDATE deliveries SET state = 'running', attempts = attempts + 1, lease_until_ms = ?
  WHERE project = ? AND number = ?`;

/** The attempt is the fence: whoever lost its lease changes nothing. */
const isHeld = "project = ? AND number = ? AND state = 'running' AND attempts = ?";

export const renewLease = `UPDATE deliveries SET lease_until_ms = ? WHERE ${isHeld}`;

/** What is over keeps its number and name, and not what stood in it. */
export const endDelivery = `UPDATE deliveries SET state = ?, ended_at_ms = ?, note = ?, lease_until_ms = NULL,
  payload = CASE WHEN ? = 'dead' THEN payload ELSE '' END WHERE ${isHeld}`;

export const putOff = `UPDATE deliveries SET state = 'waiting', next_at_ms = ?, note = ?, lease_until_ms = NULL,
  attempts = attempts - ? WHERE ${isHeld}`;

/** When the first of a lane is due next, or loses its lease. */
export const selectNext = `SELECT MIN(CASE WHEN state = 'running' THEN lease_until_ms ELSE next_at_ms END) AS at_ms
  FROM deliveries AS one WHERE project = ? AND state IN ('waiting', 'running') AND ${isFirst}`;

export const countStates =
  "SELECT state, COUNT(*) AS count FROM deliveries WHERE project = ? GROUP BY state";

export const selectByGuid = "SELECT state FROM deliveries WHERE project = ? AND guid = ?";

/** Another delivery about the same, unless it was given up. */
export const selectOtherAbout =
  "SELECT guid FROM deliveries WHERE project = ? AND about = ? AND guid <> ? AND state <> 'dead' LIMIT 1";

export const selectByAbout = "SELECT guid FROM deliveries WHERE project = ? AND about = ? LIMIT 1";

export const deleteOld = `DELETE FROM deliveries WHERE project = ? AND received_at_ms < ?
  AND state NOT IN ('waiting', 'running') AND number < (SELECT MAX(number) FROM deliveries WHERE project = ?)`;
