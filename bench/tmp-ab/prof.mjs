import { readFileSync } from 'node:fs';
const n=process.argv[2]; const perReq=Number(process.argv[3]);
const {nodes,samples,timeDeltas}=JSON.parse(readFileSync(n));
const by=new Map(nodes.map(x=>[x.id,x])); const f=new Map(); let busy=0;
samples.forEach((id,i)=>{const c=by.get(id).callFrame; if(c.functionName==='(idle)')return; busy+=timeDeltas[i]; const k=(c.functionName||'(anon)')+' '+c.url.replace(/^.*main\//,'').replace('node_modules/','')+':'+(c.lineNumber+1); f.set(k,(f.get(k)??0)+timeDeltas[i]);});
for(const [k,t] of [...f].sort((a,b)=>b[1]-a[1])) if(/dist|bench/.test(k) && t/busy>0.001) console.log((perReq*t/busy).toFixed(2),'µs',k);
