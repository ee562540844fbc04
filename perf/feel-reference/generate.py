#!/usr/bin/env python3
"""Writes random FEEL expressions, one JSON line each: generate.py SEED COUNT > questions.jsonl

Seven in ten are well typed, one in ten are unary tests, the others are mutated or garbage.
"""
import random, json, sys
seed=int(sys.argv[1]); n=int(sys.argv[2]); R=random.Random(seed)
VARS={"a":7,"b":"x","n":3.5,"neg":-2,"t":True,"f":False,"nul":None,"s":"hello world","lst":[1,2,3,2],"sl":["a","b","c"],"ctx":{"x":1,"y":"two","z":{"w":5}},"rows":[{"id":1,"v":10,"name":"p"},{"id":2,"v":20,"name":"q"},{"id":3,"v":None}],"e":[],"ec":{},"mixed":[1,"a",True,None],"date1":"2024-02-29"}
def pick(*x): return R.choice(x)
def p(): return R.random()
def num(d):
    if d<=0 or p()<.25: return pick("1","2","0","10","3.5","0.1","-1","-2.5","100","1.50","a","n","neg","7","1000000","0.001","12345678901234567890.123456789","ctx.x","lst[1]","rows[1].v",".5","99999999999999999999999999999999.99")
    k=R.randrange(34)
    if k<8: return f"{num(d-1)} {pick('+','-','*','/')} {num(d-1)}"
    if k==8: return f"({num(d-1)})"
    if k==9: return f"-{num(d-1)}" if p()<.5 else f"-({num(d-1)})"
    if k==10: return f"{num(0)} ** {pick('2','3','0','-1','0.5','10','-2',num(0))}"
    if k==11: return f"if {boo(d-1)} then {num(d-1)} else {num(d-1)}"
    if k==12: return f"count({lst(d-1)})"
    if k==13: return f"{pick('sum','min','max','mean','median','product','stddev')}({numlist(d-1)})"
    if k==14: return f"{pick('floor','ceiling','abs','odd','sqrt')}({num(d-1)})"
    if k==15: return f"{pick('round up','round down','round half up','round half down','decimal','floor','ceiling')}({num(d-1)}, {pick('0','1','2','-1','5')})"
    if k==16: return f"modulo({num(d-1)}, {num(d-1)})"
    if k==17: return f"string length({st(d-1)})"
    if k==18: return f"number({pick(chr(34)+'1.5'+chr(34),chr(34)+'1e3'+chr(34),chr(34)+'abc'+chr(34),st(d-1))})"
    if k==19: return f"{lst(d-1)}[{pick('1','-1','2','0','5')}]"
    if k==20: return f"{dt(d-1)}.{pick('year','month','day','weekday','hour','minute','second')}"
    if k==21: return f"{dur(d-1)}.{pick('days','hours','minutes','seconds','years','months')}"
    if k==22: return f"{dtd(d-1)} / {dtd(d-1)}"
    if k==23: return f"{ymd(d-1)} / {ymd(d-1)}"
    if k==24: return f"{pick('day of year','week of year')}({dt(d-1)})"
    if k==25: return f"{ctx(d-1)}.{pick('x','y','z','q')}"
    if k==26: return f"get or else({num(d-1)}, {num(d-1)})"
    if k==27: return f"decimal({num(d-1)}, {pick('0','2','3')}, {pick(*[chr(34)+m+chr(34) for m in ['HALF_UP','up','floor','x','HALF_EVEN']])})"
    if k==28: return f"get value({ctx(d-1)}, {pick(chr(34)+'x'+chr(34),chr(34)+'zz'+chr(34),'['+chr(34)+'z'+chr(34)+','+chr(34)+'w'+chr(34)+']')})"
    if k==29: return "{" + f"f: function(p, q) p {pick('+','*','-')} q, r: f({num(d-1)}, {num(d-1)})" + "}.r"
    if k==30: return "{" + f"h: {num(d-1)}, g: h + {num(d-1)}" + "}.g"
    if k==31: return f"index of({lst(d-1)}, {num(d-1)})[1]"
    if k==32: return f"{pick('exp','log')}({pick('0','1')})"
    return any_(d-1)
def st(d):
    if d<=0 or p()<.3: return pick('"a"','"foo bar"','""','s','b','"x,y;z"','"ABC"','"été"','"a\\nb"','"1.5"','"2024-01-01"','ctx.y','sl[1]','"\\"q\\""','"  trim "','"😀x"')
    k=R.randrange(22)
    if k<3: return f"{st(d-1)} + {st(d-1)}"
    if k==3: return f"{pick('upper case','lower case','trim')}({st(d-1)})"
    if k==4: return f"substring({st(d-1)}, {pick('1','2','-1','3',num(0))})"
    if k==5: return f"substring({st(d-1)}, {pick('1','2','-2')}, {pick('1','2','0','10')})"
    if k==6: return f"{pick('substring before','substring after')}({st(d-1)}, {st(d-1)})"
    if k==7: return f"replace({st(d-1)}, {pick(*[chr(34)+m+chr(34) for m in ['a','[aeiou]','(.)','o+','^f','x*','$','b|c']])}, {pick(*[chr(34)+m+chr(34) for m in ['Z','$1-','','$0','$2']])})"
    if k==8: return f"string({any_(d-1)})"
    if k==9: return f"string join({pick('sl','['+st(d-1)+', '+st(d-1)+']',lst(d-1))}{pick('', ', '+st(d-1))})"
    if k==10: return f"if {boo(d-1)} then {st(d-1)} else {st(d-1)}"
    if k==11: return f"{pick('day of week','month of year')}({dt(d-1)})"
    if k==12: return f"to json({any_(d-1)})"
    if k==13: return f"string({num(d-1)})"
    if k==14: return f"string({tmp(d-1)})"
    if k==15: return f"to base64({st(d-1)})"
    if k==16: return f"get or else({pick('nul',st(d-1))}, {st(d-1)})"
    if k==17: return f"split({st(d-1)}, {pick(*[chr(34)+m+chr(34) for m in [',',' ','','[,;]','o']])})[1]"
    if k==18: return f"extract({st(d-1)}, {pick(*[chr(34)+m+chr(34) for m in ['[a-z]+','o','.','[0-9]+']])})[1]"
    if k==19: return f"string({ran(d-1)})"
    return any_(d-1)
def cmpop(): return pick('=','!=','<','<=','>','>=')
def boo(d):
    if d<=0 or p()<.2: return pick('true','false','t','f','nul')
    k=R.randrange(30)
    if k<4: return f"{num(d-1)} {cmpop()} {num(d-1)}"
    if k<6: return f"{st(d-1)} {cmpop()} {st(d-1)}"
    if k<9: return f"{boo(d-1)} {pick('and','or')} {boo(d-1)}"
    if k==9: return f"not({boo(d-1)})"
    if k==10: return f"{num(d-1)} between {num(d-1)} and {num(d-1)}"
    if k==11: return f"{num(d-1)} in {ran(d-1)}"
    if k==12: return f"{num(d-1)} in ({pick('< ','> ','<= ')}{num(0)}, {num(0)})"
    if k==13: return f"{any_(d-1)} in {lst(d-1)}"
    if k==14: return f"{pick('some','every')} i in {lst(d-1)} satisfies i {cmpop()} {num(d-1)}"
    if k==15: return f"{any_(d-1)} instance of {pick('number','string','boolean','list','context','date','time','date and time','days and time duration','years and months duration','function','Any','foo')}"
    if k==16: return f"{pick('contains','starts with','ends with','matches')}({st(d-1)}, {st(0)})"
    if k==17: return f"list contains({lst(d-1)}, {any_(d-1)})"
    if k==18: return f"{pick('all','any','and','or')}([{boo(d-1)}, {boo(d-1)}])"
    if k==19: return f"{tmp(d-1)} {cmpop()} {tmp(d-1)}"
    if k==20: return f"is empty({lst(d-1)})"
    if k==21: return f"is defined({any_(d-1)})"
    if k==22: return f"{pick('before','after','meets','met by','overlaps','overlaps before','overlaps after','finishes','finished by','includes','during','starts','started by','coincides')}({pick(ran(d-1),ran(d-1),num(0))}, {pick(ran(d-1),ran(d-1),num(0))})"
    if k==23: return f"{any_(d-1)} = {any_(d-1)}"
    if k==24: return f"{num(d-1)} in (? > {num(0)})"
    if k==25: return f"{pick('odd','even')}({num(d-1)})"
    if k==26: return f"is blank({st(d-1)})"
    if k==27: return f"{lst(d-1)} = {lst(d-1)}"
    if k==28: return f"{ctx(d-1)} = {ctx(d-1)}"
    return any_(d-1)
def numlist(d):
    return pick("lst","[1, 2, 3]",f"[{num(d-1)}, {num(d-1)}, {num(0)}]",f"{num(d-1)}, {num(0)}","e",lst(d-1))
def lst(d):
    if d<=0 or p()<.25: return pick("lst","sl","[]","[1,2,3]","e","mixed","rows","[\"a\",\"b\"]","[1]","[[1,2],[3]]","[null, 1]")
    k=R.randrange(26)
    if k<3: return "["+", ".join(any_(d-1) for _ in range(R.randrange(4)))+"]"
    if k==3: return f"for i in {lst(d-1)} return {pick('i','i + 1','[i]','string(i)')}"
    if k==4: return f"for i in {pick('1..3','3..1','0..2',num(0)+'..'+num(0) if False else '1..2')}, j in {pick('[1,2]','1..2')} return i {pick('+','*')} j"
    if k==5: return f"for i in 1..4 return if i = 1 then 1 else partial[-1] * i"
    if k==6: return f"{lst(d-1)}[item {cmpop()} {num(d-1)}]"
    if k==7: return f"rows[{pick('v','id','name','zz')} {cmpop()} {pick('10','2',num(0),chr(34)+'p'+chr(34),'null')}]{pick('','.v','.name')}"
    if k==8: return f"rows.{pick('v','id','name')}"
    if k==9: return f"{pick('concatenate','union')}({lst(d-1)}, {lst(d-1)})"
    if k==10: return f"append({lst(d-1)}, {any_(d-1)})"
    if k==11: return f"{pick('reverse','distinct values','duplicate values','flatten')}({lst(d-1)})"
    if k==12: return f"sublist({lst(d-1)}, {pick('1','2','-1','0','-2')}{pick('',', 1',', 2')})"
    if k==13: return f"insert before({lst(d-1)}, {pick('1','2','-1','0')}, {any_(d-1)})"
    if k==14: return f"remove({lst(d-1)}, {pick('1','2','-1','0','9')})"
    if k==15: return f"index of({lst(d-1)}, {any_(d-1)})"
    if k==16: return f"sort({lst(d-1)}, function(x,y) x {pick('<','>')} y)"
    if k==17: return f"split({st(d-1)}, {pick(*[chr(34)+m+chr(34) for m in [',',' ','','[,;]']])})"
    if k==18: return f"partition({lst(d-1)}, {pick('1','2','0')})"
    if k==19: return f"get entries({ctx(d-1)})"
    if k==20: return f"mode({numlist(d-1)})"
    if k==21: return f"{lst(d-1)}[{boo(d-1)}]"
    if k==22: return f"{lst(d-1)}[{num(d-1)}]"
    if k==23: return f"if {boo(d-1)} then {lst(d-1)} else {lst(d-1)}"
    if k==24: return f"{lst(d-1)}[item > 1 and item < 5]"
    return f"extract({st(d-1)}, \"[a-z]+\")"
def ctx(d):
    if d<=0 or p()<.3: return pick("ctx","{}","{x: 1}","ec","rows[1]","{x: 1, y: \"b\"}","{\"a b\": 2}","rows[3]")
    k=R.randrange(9)
    if k<3: return "{"+", ".join(f"{q}: {any_(d-1)}" for q in R.sample(["x","y","z","q"],R.randrange(4)))+"}"
    if k==3: return f"context put({ctx(d-1)}, {pick(chr(34)+'x'+chr(34),chr(34)+'n'+chr(34),'['+chr(34)+'z'+chr(34)+', '+chr(34)+'w'+chr(34)+']')}, {any_(d-1)})"
    if k==4: return f"context merge({ctx(d-1)}, {ctx(d-1)})"
    if k==5: return f"context merge([{ctx(d-1)}, {ctx(d-1)}])"
    if k==6: return f"context([{{key: \"k\", value: {any_(d-1)}}}])"
    if k==7: return f"from json({pick(chr(34)+'{}'+chr(34),chr(34)+'{'+chr(92)+chr(34)+'x'+chr(92)+chr(34)+': [1, 2.5, null]}'+chr(34),chr(34)+'oops'+chr(34))})"
    return any_(d-1)
DATES=['"2024-02-29"','"2023-12-31"','"1999-01-01"','"2024-13-01"','"-0044-03-15"','"12345-06-07"']
TIMES=['"10:30:00"','"23:59:59.123"','"00:00:00"','"12:00:00Z"','"12:00:00+02:00"','"08:15:30-05:30"','"12:00:00@Europe/Paris"','"25:00:00"','"10:30"','"T10:00:00"','"24:00:00"','"14:00:00@UTC"']
DTS=['"2024-02-29T10:30:00"','"2024-03-31T02:30:00@Europe/Berlin"','"2024-10-27T02:30:00@Europe/Berlin"','"2024-01-01T00:00:00Z"','"2024-06-15T12:00:00+02:00"','"2024-06-15T12:00:00.5"','"2024-06-15"','"2024-06-15T12:00:00+02:00[Europe/Paris]"','"2024-02-30T00:00:00"','"9999-12-31T23:59:59"','"2024-06-15T12:00"','"2024-06-15T12:00:00@America/New_York"','"2024-06-15T12:00:00@+03:00"','"2024-06-15T24:00:00"']
def date(d):
    if d<=0 or p()<.5: return pick(f"date({pick(*DATES)})",f"@{pick(*DATES)}",f"date({pick('2024, 2, 28','2023,1,31','2024,2,30','0,1,1')})","date(date1)")
    return pick(f"date({dtm(d-1)})",f"{date(d-1)} {pick('+','-')} {dur(d-1)}",f"last day of month({dt(d-1)})",f"date({st(d-1)})",f"{dur(d-1)} + {date(d-1)}")
def time(d):
    if d<=0 or p()<.5: return pick(f"time({pick(*TIMES)})",f"@{pick(*TIMES)}",f"time({pick('10,30,0','23,59,59.5','24,0,0','10,30,0,null')})",'time(10,30,0,duration("PT1H"))')
    return pick(f"time({dtm(d-1)})",f"{time(d-1)} {pick('+','-')} {dtd(d-1)}",f"time({date(d-1)})",f"{dtd(d-1)} + {time(d-1)}")
def dtm(d):
    if d<=0 or p()<.4: return pick(f"date and time({pick(*DTS)})",f"@{pick(*DTS)}")
    return pick(f"date and time({date(d-1)}, {time(d-1)})",f"{dtm(d-1)} {pick('+','-')} {dur(d-1)}",f"date and time({dtm(d-1)}, {time(d-1)})",f"date and time({dtm(d-1)}, {pick(*[chr(34)+m+chr(34) for m in ['Europe/Paris','Z','UTC','America/New_York','+05:00','Asia/Kolkata','Australia/Sydney']])})","now()",f"{dur(d-1)} + {dtm(d-1)}")
def dt(d): return pick(date(d),dtm(d),"today()") if p()<.95 else time(d)
def dtd(d):
    if d<=0 or p()<.5: return pick('duration("P1D")','duration("PT1H30M")','@"PT0.5S"','@"-P2DT3H"','duration("PT36H")','@"PT0S"','duration("P1DT-1H")','duration("PT90061S")')
    return pick(f"{dtm(d-1)} - {dtm(d-1)}",f"{date(d-1)} - {date(d-1)}",f"{time(d-1)} - {time(d-1)}",f"{dtd(d-1)} {pick('+','-')} {dtd(d-1)}",f"{dtd(d-1)} {pick('*','/')} {num(0)}",f"abs({dtd(d-1)})",f"{num(0)} * {dtd(d-1)}",f"{dtm(d-1)}.time offset")
def ymd(d):
    if d<=0 or p()<.5: return pick('duration("P1Y")','duration("P14M")','@"-P1Y2M"','@"P0M"','duration("P1Y-2M")')
    return pick(f"years and months duration({dt(d-1)}, {dt(d-1)})",f"{ymd(d-1)} {pick('+','-')} {ymd(d-1)}",f"{ymd(d-1)} {pick('*','/')} {num(0)}",f"abs({ymd(d-1)})",f"{num(0)} * {ymd(d-1)}")
def dur(d): return pick(dtd(d),ymd(d))
def tmp(d): return pick(date(d),time(d),dtm(d),dtd(d),ymd(d))
def ran(d):
    f=pick(lambda x:num(0),lambda x:num(0),lambda x:num(0),lambda x:date(0),lambda x:dtd(0),lambda x:time(0))
    return f"{pick('[','(',']')}{f(0)}..{f(0)}{pick(']',')','[')}"
def any_(d):
    return pick(num,num,st,boo,lst,ctx,tmp,lambda d:"null")(d)
TOK=list("+-*/()[]{}<>=.,:?\"@`|&;'") + ["**","..","if ","then ","else ","for ","in ","return ","some ","satisfies ","and ","or ","not(","null","true","a","b","ctx","lst","1","2.5","\"s\"","function(x) x","between ","instance of ","date(\"2024-01-01\")","item","//c\n","/* c */"," ","\n","é","x y","count(","unary","@\"P1D\"","`a b`"]
def garbage():
    e=any_(2)
    for _ in range(R.randrange(1,4)):
        i=R.randrange(len(e)+1); k=R.randrange(4)
        if k==0: e=e[:i]+pick(*TOK)+e[i:]
        elif k==1: j=min(len(e),i+R.randrange(1,5)); e=e[:i]+e[j:]
        elif k==2: e=e[:i]+e[i:][::-1] if p()<.1 else e[:i]+pick(*TOK)+e[i+1:]
        else: e=e[:i]+e[i:i+6]+e[i:]
    return e
def tok(): return "".join(pick(*TOK) for _ in range(R.randrange(1,12)))
def unary(d):
    k=R.randrange(9)
    if k==0: return f"{pick('<','>','<=','>=')} {num(d)}"
    if k==1: return ran(d)
    if k==2: return f"not({num(d)}, {ran(0)})"
    if k==3: return ", ".join(any_(d) for _ in range(R.randrange(1,4)))
    if k==4: return f"? {cmpop()} {num(d)}"
    if k==5: return pick("-","true","false","null","not(null)","not(true)",'"a","b"')
    if k==6: return boo(d)
    return any_(d)
for i in range(n):
    r=p(); q={}
    if r<.70: q["expression"]=any_(R.randrange(1,4))
    elif r<.80:
        q["expression"]=unary(R.randrange(0,3)); q["unary"]=True; q["input"]=pick(1,5,10,"a","b",True,False,None,[1,2],{"x":1},3.5)
    elif r<.95: q["expression"]=garbage()
    else: q["expression"]=tok()
    if len(q["expression"])>600: continue
    q["variables"]=VARS
    sys.stdout.write(json.dumps(q,ensure_ascii=False)+"\n")
