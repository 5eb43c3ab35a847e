import { readFileSync } from 'node:fs';
const load=(n,per)=>{const {nodes,samples,timeDeltas}=JSON.parse(readFileSync(n));const by=new Map(nodes.map(x=>[x.id,x]));const f=new Map();let busy=0;samples.forEach((id,i)=>{const c=by.get(id).callFrame;if(c.functionName==='(idle)')return;busy+=timeDeltas[i];const k=/dist|bench/.test(c.url)?'OWN':(c.functionName||'(anon)')+' '+c.url;f.set(k,(f.get(k)??0)+timeDeltas[i])});for(const [k,t] of f)f.set(k,per*t/busy);return f};
const a=load(process.argv[2],Number(process.argv[3])),b=load(process.argv[4],Number(process.argv[5]));
const keys=[...new Set([...a.keys(),...b.keys()])].map(k=>[k,(a.get(k)??0)-(b.get(k)??0),a.get(k)??0,b.get(k)??0]).sort((x,y)=>Math.abs(y[1])-Math.abs(x[1]));
for(const [k,d,x,y] of keys.slice(0,22)) console.log(d.toFixed(2).padStart(6),x.toFixed(2).padStart(6),y.toFixed(2).padStart(6),k);
