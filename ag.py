import re,sys,collections
c=collections.Counter(); mx=collections.defaultdict(int)
cur=None
for f in sys.argv[1:]:
  for l in open(f,errors='replace'):
    if l.startswith('ALLOC'):
        cur=[int(l.split()[2]),[]]
    elif cur is not None:
        m=re.match(r'\S*/([^/(]+)\(([^)]*)\)\[',l)
        if m and len(cur[1])<14:
            cur[1].append(m.group(1)[:14]+':'+m.group(2))
        else:
            k=' < '.join(x.split(':',1)[1] if 'fits' in x and 'tst' not in x else x.split(':',1)[1] for x in cur[1][2:9]); c[k]+=1; mx[k]=max(mx[k],cur[0]); cur=None
for k,n in c.most_common(): print(n,mx[k],k)
