import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{SecretLintProfiler,secretLintProfiler}from"./chunk-IAXIVWUH.mjs";import"./chunk-R2D3UNJC.mjs";export{SecretLintProfiler,secretLintProfiler};
