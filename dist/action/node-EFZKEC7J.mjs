import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);
import{child_process,crypto,fs,os,path,stream,util}from"./chunk-CJQ5AMSB.mjs";import"./chunk-R2D3UNJC.mjs";export{child_process,crypto,fs,os,path,stream,util};
