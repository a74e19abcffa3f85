import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{schemaFaults,wrongsOf}from"./chunk-WXGH2LNH.mjs";import"./chunk-TTXCGVED.mjs";import"./chunk-O5OASW7S.mjs";import"./chunk-UUTDHWCS.mjs";import"./chunk-BB62QXSW.mjs";import"./chunk-34CYYBFK.mjs";import"./chunk-R2D3UNJC.mjs";export{schemaFaults,wrongsOf};
