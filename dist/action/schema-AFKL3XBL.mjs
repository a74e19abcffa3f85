import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{publishedSettingsSchema,settingsJsonSchema,settingsSchema}from"./chunk-MU4WMA4F.mjs";import"./chunk-34CYYBFK.mjs";import"./chunk-R2D3UNJC.mjs";export{publishedSettingsSchema,settingsJsonSchema,settingsSchema};
