-- Tags: words that an organization groups its devices by. Lower case, so that `Roof` and `roof` are one.

create function private.are_tags(tags text[])
returns boolean
language sql immutable parallel safe set search_path = ''
as $$
  select cardinality(tags) <= 20
     and not exists (
       select from unnest(tags) as tag
        where tag is null or length(tag) not between 1 and 50 or tag <> lower(btrim(tag)) or tag ~ '[[:cntrl:],;]')
     and cardinality(tags) = (select count(distinct tag) from unnest(tags) as tag)
$$;

-- A host's own column of this name is taken as it is, if it is one of texts.
do $$
begin
  if exists (select from pg_attribute where attrelid = 'public.devices'::regclass and attname = 'tags'
               and not attisdropped and atttypid <> 'text[]'::regtype) then
    raise exception 'devices.tags is there already and is not text[]: rename it';
  end if;
end
$$;
alter table public.devices
  add column if not exists tags text[] not null default '{}' constraint devices_tags_check check (private.are_tags(tags));
update public.devices set tags = '{}' where tags is null;
alter table public.devices alter tags set default '{}', alter tags set not null;
create index if not exists devices_tags_idx on public.devices using gin (tags);

grant insert (tags), update (tags) on public.devices to authenticated;

-- What a device is called, is tagged with and is of decides which rules it falls under: others remember that.
create trigger announce_details
  after update of name, tags, device_type_id on public.devices
  for each row when ((old.name, old.tags, old.device_type_id) is distinct from (new.name, new.tags, new.device_type_id))
  execute function private.announce_change();
