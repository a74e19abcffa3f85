import type { Model } from "../../models/index.ts";
import type { Claim } from "../candidate.ts";
import { renderFile } from "../diff/render.ts";
import {
  generatePrompt,
  generateSchema,
  generateTemperature,
  sheetOf,
} from "../prompts/generate.ts";
import type { GeneratePrompt, Sheet } from "../prompts/generate.ts";
import { readClaims } from "../replies/claims.ts";
import type { Seat } from "../seat.ts";
import { callModel } from "./call.ts";
import type { CallFailure, CallRecord } from "./call.ts";
import type { SwarmDeps, SwarmRequest } from "./request.ts";

/** What one seat found by itself. */
export interface SeatReview {
  /** With the model that answered. */
  readonly seat: Seat;
  readonly claims: readonly Claim[];
  /** The packs that it answered for, by index. */
  readonly packs: readonly number[];
  readonly calls: readonly CallRecord<unknown>[];
  /** Why it has not finished; null when it answered for every pack. */
  readonly failure: CallFailure | null;
  /** Parts of replies that nobody can read. */
  readonly dropped: number;
}

export interface SeatTurn {
  readonly seat: Seat;
  readonly signal: AbortSignal;
  /** From 1: a seat that is asked again asks anew. */
  readonly occurrence: number;
}

/** A request with what its seats read, made once for all of them. */
export interface SheetedRequest extends SwarmRequest {
  /** By pack. */
  readonly sheets: readonly (readonly Sheet[])[];
}

export function withSheets(request: SwarmRequest): SheetedRequest {
  const sheets = request.packing.packs.map(({ files }) =>
    files.map((file) => sheetOf({ path: file.path, text: renderFile(file) })),
  );
  return { ...request, sheets };
}

/** The prompt of one seat for one pack. */
export function packPrompt(request: SheetedRequest, seat: number, pack: number): GeneratePrompt {
  return {
    seed: request.seed,
    seat,
    sheets: request.sheets[pack] ?? [],
    instructions: request.instructions,
    description: request.description,
    tokens: request.limits.generateTokens,
  };
}

/** Lets one seat read every pack, all at once. */
export async function generateSeat(
  deps: SwarmDeps,
  request: SheetedRequest,
  turn: SeatTurn,
): Promise<SeatReview> {
  const answers = await Promise.all(
    request.packing.packs.map(async (_, pack) => readPack(deps, request, { ...turn, pack })),
  );
  const answered = answers.find(({ call }) => call.generation !== null)?.call.generation;
  const model = answered?.model ?? turn.seat.model;
  // Another family's answer is another reviewer's: it cannot be counted under this seat.
  const own = answers.filter(({ call }) => call.generation?.model.family === model.family);
  const read = own.filter(({ reply }) => reply.isReadable);
  const isWhole = read.length === answers.length;
  return {
    seat: model === turn.seat.model ? turn.seat : { ...turn.seat, model, weight: model.weight },
    claims: read.flatMap(({ reply }) => reply.claims),
    packs: read.map(({ pack }) => pack),
    calls: answers.map(({ call }) => call),
    failure: isWhole ? null : whyNot(answers, model),
    dropped: own.reduce((sum, { reply }) => sum + reply.dropped, 0),
  };
}

/** A call that failed says it best; else an answer that is none, or that another family gave. */
function whyNot(answers: readonly PackAnswer[], { name, family }: Model): CallFailure {
  const failed = answers.find(({ call }) => call.failure !== null);
  const stranger = answers.find(({ call }) => call.generation?.model.family !== family);
  const other = stranger?.call.generation?.model.name ?? "";
  const reason =
    other === ""
      ? `The reply of ${name} holds no list of findings.`
      : `${name} answered for a part of the change and ${other} for another: a seat is of one family.`;
  return failed?.call.failure ?? { fault: "bad_reply", reason };
}

interface PackAnswer {
  readonly pack: number;
  readonly call: CallRecord<unknown>;
  readonly reply: ReturnType<typeof readClaims>;
}

async function readPack(
  deps: SwarmDeps,
  request: SheetedRequest,
  turn: SeatTurn & { readonly pack: number },
): Promise<PackAnswer> {
  const { seat, pack, signal } = turn;
  const call = await callModel(deps, {
    model: seat.model,
    messages: generatePrompt(packPrompt(request, seat.number, pack)),
    schema: generateSchema,
    maxOutputTokens: request.limits.generateTokens,
    temperature: generateTemperature,
    signal,
    tag: {
      run: request.run,
      seat: String(seat.number),
      phase: "generate",
      occurrence: turn.occurrence,
    },
  });
  const { generation } = call;
  const reply =
    generation === null
      ? { claims: [], dropped: 0, isReadable: false }
      : readClaims(generation.text, generation.object);
  return { pack, call, reply };
}
