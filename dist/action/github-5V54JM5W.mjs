import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{createApp,createCodeHost,readHooks,readProtection}from"./chunk-PD2S3X46.mjs";import"./chunk-WF7BFLBQ.mjs";import"./chunk-552ESOPX.mjs";import"./chunk-AYWL5R4Y.mjs";import"./chunk-GKIYUMTB.mjs";import"./chunk-R2D3UNJC.mjs";export{createApp,createCodeHost,readHooks,readProtection};
