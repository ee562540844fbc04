#!/usr/bin/env python3
"""Agreement of two answer files over one question file: compare.py QUESTIONS REFERENCE OURS [EXAMPLES]

Same success, equal values (numbers as doubles), same set of warning kinds. Prints the classes of difference.
"""
import json,sys,collections,re
def eq(a,b):
    if isinstance(a,bool) or isinstance(b,bool): return a is b
    if isinstance(a,(int,float)) and isinstance(b,(int,float)):
        return float(a)==float(b) or abs(float(a)-float(b))<=1e-15*max(abs(float(a)),abs(float(b)))
    if isinstance(a,list) and isinstance(b,list): return len(a)==len(b) and all(eq(x,y) for x,y in zip(a,b))
    if isinstance(a,dict) and isinstance(b,dict): return a.keys()==b.keys() and all(eq(a[k],b[k]) for k in a)
    return a==b
tot=ok=0; cls=collections.Counter(); ex=collections.defaultdict(list)
for l,x,y in zip(open(sys.argv[1]),open(sys.argv[2]),open(sys.argv[3])):
    q=json.loads(l)
    ref=json.loads(x); our=json.loads(y); tot+=1
    wk=lambda w:sorted(set(i.split(':')[0] for i in w.get('warnings',[])))
    c=None
    if ref['ok']!=our['ok']:
        if not ref['ok']: c='ref fails: '+('parse' if 'failed to parse' in ref['failure'] else re.sub(r"'.*'","''",ref['failure'][:200],flags=re.S)[:90])
        else: c='we fail: '+our['failure'][:60]
    elif ref['ok']:
        if not eq(ref['result'],our['result']): c='result '+type(ref['result']).__name__+'/'+type(our['result']).__name__
        elif wk(ref)!=wk(our): c='warnings %s/%s'%(wk(ref),wk(our))
    if c is None: ok+=1
    else: cls[c]+=1; ex[c].append((q,ref,our))
print(f"{ok}/{tot} = {ok/tot:.5f}")
N=int(sys.argv[4]) if len(sys.argv)>4 else 3
for c,k in cls.most_common(60):
    print('##',k,c)
    for q,r,o in ex[c][:N]:
        print('   ',repr(q['expression'])[:260],('IN '+json.dumps(q['input']) if q.get('unary') else ''))
        print('       ref',json.dumps(r,ensure_ascii=False)[:260]); print('       our',json.dumps(o,ensure_ascii=False)[:260])
