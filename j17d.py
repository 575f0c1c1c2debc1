import json,re
for n,f in (('08','08_training'),('09','09_lstm_gru')):
    nb=json.load(open(f'/work/main/notebooks/{f}.ipynb'))
    main=fold=0; infold=False; tabs=0; seq=[]
    for c in nb['cells']:
        s=''.join(c['source'])
        if c['cell_type']=='markdown':
            h=re.match(r'(#+) (.*)',s)
            if h: infold='Closer look' in h.group(2)
            w=len(s.split())
            if infold: fold+=w
            else: main+=w
            if h: seq.append((h.group(2)[:50],infold))
            if 'Table:' in s and not infold: tabs+=1
    print(n,main,fold,'tables main',tabs)
