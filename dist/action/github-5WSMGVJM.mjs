import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{createApp,createCodeHost}from"./chunk-IG26CPEI.mjs";import"./chunk-WF7BFLBQ.mjs";import"./chunk-552ESOPX.mjs";import"./chunk-UUTDHWCS.mjs";import"./chunk-HX4MVZGN.mjs";import"./chunk-R2D3UNJC.mjs";export{createApp,createCodeHost};
