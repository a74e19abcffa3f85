/** What changes the ledger and nothing else: reading goes to the file, and models and people are asked by this process. */
export const forwarded: ReadonlySet<string> = new Set([
  "next_task",
  "update_task",
  "finish_task",
  "claim_files",
  "release_files",
  "send_message",
]);
