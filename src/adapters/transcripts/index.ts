export { findTranscripts, transcriptFolders } from "./find-transcripts.ts";
export { readTranscript, readTranscriptHead } from "./read-transcript.ts";
