import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{schemaFaults,wrongsOf}from"./chunk-JIKMXVBQ.mjs";import"./chunk-OMLE6TOT.mjs";import"./chunk-O5OASW7S.mjs";import"./chunk-AYWL5R4Y.mjs";import"./chunk-MU4WMA4F.mjs";import"./chunk-34CYYBFK.mjs";import"./chunk-R2D3UNJC.mjs";export{schemaFaults,wrongsOf};
