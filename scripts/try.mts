import * as m from './docs/messages.cts';
for (const f of [m.credentialMessages,m.inputMessages,m.jobMessages,m.triggerMessages,m.answersTable,m.connectionAdvice,m.videoMessages]) { const t=f(); console.log('#',f.name,t.length); console.log(t); }
