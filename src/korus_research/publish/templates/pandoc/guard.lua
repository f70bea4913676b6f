-- Refuses what must not be in the text of a chapter, judged on what pandoc has read and not on how it is written.
--
-- Raw markup of a target would be in one of the documents only, or do there what it likes; a picture would have no
-- source, no data and perhaps no alternative text; a link may lead to a place or a page and nowhere else. Headings must
-- not skip a level: PDF/UA allows it in no document.

local function refuse(what, text)
  error("korus: " .. what .. " «" .. tostring(text):sub(1, 60) .. "»", 0)
end

local function raw(el)
  if not el.text:match("^\u{e000}%d+\u{e000}$") then
    refuse("raw markup in Markdown", el.text)
  end
end

local function link(el)
  local scheme = el.target:gsub("[%s%c]", ""):match("^([%a][%w+.-]*):")
  if scheme and not ({ http = true, https = true, mailto = true })[scheme:lower()] then
    refuse("a link to " .. scheme .. ":", el.target)
  end
end

local function image(el)
  refuse("a picture in Markdown", el.src)
end

return {
  { RawBlock = raw, RawInline = raw, Link = link, Image = image },
  {
    Pandoc = function(doc)
      local level = 1
      doc:walk({
        Header = function(el)
          if el.level == 1 or el.level > level + 1 then
            refuse("a heading of level " .. el.level .. " after one of level " .. level, pandoc.utils.stringify(el))
          end
          level = el.level
        end,
      })
    end,
  },
}
