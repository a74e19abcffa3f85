import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{settingsJsonSchema,settingsSchema}from"./chunk-N4WR53Q5.mjs";import"./chunk-34CYYBFK.mjs";import"./chunk-R2D3UNJC.mjs";export{settingsJsonSchema,settingsSchema};
